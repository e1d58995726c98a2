package dev.herald.webhook;

/** A place in the event log. */
record Position(long txid, long id) {}
