#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| spawnai::guard::fuzzing::trees(bytes));
