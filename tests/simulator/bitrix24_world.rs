//! Bitrix24: the generated world.
