//! UZhKH
#![allow(dead_code)]
mod elements;
