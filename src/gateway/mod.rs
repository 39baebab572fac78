//! (box gateway)
mod address;
mod authority;
mod certificates;
mod page;
pub use address::{Domain, DomainError};
pub use authority::{Authority, AuthorityError};
