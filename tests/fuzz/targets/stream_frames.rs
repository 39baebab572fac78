#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| spawnai::sandbox::fuzzing::stream_frames(bytes));
