package dev.herald.channel;

/** Who may write to a channel, beside its members' right (wukong-interfaces section 4.3). */
public enum AccessList {
    /** Those who may not. */
    BLACKLIST,
    /** Those who alone may; while it is empty, everybody. */
    WHITELIST;

    /** How the table tells them apart. */
    boolean allowed() {
        return this == WHITELIST;
    }
}
