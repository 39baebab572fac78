//! The whole engine, end to end: the real binary, real sandboxes, real TLS, on free ports and in a folder of its own.

pub mod claude;
mod cloud;
mod command;
mod crashes;
mod drain;
mod endings;
mod far;
mod faults;
mod findings;
mod host;
mod limits;
mod live;
mod memory;
mod money;
mod outages;
mod panics;
mod pipeline;
mod reads;
mod refusals;
mod shortcut;
mod socket;
pub mod stand;
mod starts;
mod stores;
mod timeline;
mod traces;
mod unruly;
