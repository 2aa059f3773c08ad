//! UZhKH
#![allow(dead_code)]
mod decode;
mod elements;
mod model;
