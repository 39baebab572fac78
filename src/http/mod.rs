//! (box http)
