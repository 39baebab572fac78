//! The author against a Messages API that does exactly what it is told, byte for byte, over real HTTP.

pub mod answers;
mod author;
mod cuts;
mod faults;
pub mod server;
