//! (box sandbox)
