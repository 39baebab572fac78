//! What the engine's own visitor and the gateway say to each other, in headers that no app sees or can send.

/// In a request: the word that lets the engine see an app which is not live yet.
pub const PASS_HEADER: &str = "x-spawnai-pass";
/// In an answer: the gateway speaks, not the app, and this is the code of its problem.
pub const PROBLEM_HEADER: &str = "x-spawnai-gateway";
