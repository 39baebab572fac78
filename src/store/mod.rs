//! (box store)
