//! (box session)
