package dev.herald.channel;

import java.time.OffsetDateTime;

/** An entry of a black- or whitelist; it is made and removed, never changed. */
public record Listed(long id, String uid, OffsetDateTime since) {}
