package dev.herald.webhook;

/** An event as the log holds it; its data is a JSON object unless something went wrong. */
record LoggedEvent(Position at, String type, Object data) {}
