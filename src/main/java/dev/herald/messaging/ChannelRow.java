package dev.herald.messaging;

/** The part of a channel's state that decides about a message, as of the batch that asks. */
record ChannelRow(long pk, long revision, boolean ban, boolean disband) {}
