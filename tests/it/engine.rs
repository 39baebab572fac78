//! The whole engine, end to end: the real binary, real sandboxes, real TLS, on free ports and in a folder of its own.

mod endings;
mod live;
mod refusals;
mod socket;
mod stand;
mod traces;
