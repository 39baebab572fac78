//! The tables, as the queries see them. `migrations/` is what makes them.

diesel::table! {
    sessions (id) {
        id -> Text,
        user_id -> Text,
        slug -> Text,
        status -> Text,
        prompt -> Text,
        app_type -> Text,
        revision -> BigInt,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        is_over -> Bool,
        budget -> BigInt,
        state -> Text,
        view -> Text,
    }
}

diesel::table! {
    events (session_id, seq) {
        session_id -> Text,
        seq -> BigInt,
        at -> BigInt,
        kind -> Text,
        body -> Text,
    }
}

diesel::table! {
    charges (session_id, kind, source, day) {
        session_id -> Text,
        kind -> Text,
        source -> Text,
        day -> BigInt,
        user_id -> Text,
        amount -> BigInt,
        quantity -> BigInt,
        at -> BigInt,
    }
}

diesel::table! {
    artifacts (session_id) {
        session_id -> Text,
        body -> Text,
    }
}

diesel::table! {
    logs (session_id) {
        session_id -> Text,
        body -> Text,
    }
}

diesel::table! {
    steps (session_id, revision) {
        session_id -> Text,
        revision -> BigInt,
        at -> BigInt,
        mark -> BigInt,
        body -> Text,
    }
}

diesel::table! {
    engine (id) {
        id -> BigInt,
        epoch -> BigInt,
        pulse -> BigInt,
    }
}

diesel::joinable!(charges -> sessions (session_id));
diesel::allow_tables_to_appear_in_same_query!(sessions, charges);
