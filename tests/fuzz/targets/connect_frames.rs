#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| spawnai::host::fuzzing::connect_frames(bytes));
