//! (box ledger)
