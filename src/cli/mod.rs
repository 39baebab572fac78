//! (box cli)
