package dev.herald.model;

/** Reason codes of CONNACK, SENDACK and DISCONNECT (wukong-interfaces section 1.8): those that Herald sends. */
public enum Reason {
    SUCCESS(1),
    AUTH_FAIL(2),
    NOT_MEMBER(3),
    IN_BLACKLIST(4),
    PAYLOAD_DECODE_ERROR(9),
    CONNECT_KICK(12),
    NOT_IN_WHITELIST(13),
    SYSTEM_ERROR(15),
    CHANNEL_ID_ERROR(16),
    BAN(19),
    CLIENT_KEY_EMPTY(21),
    RATE_LIMIT(22),
    UNSUPPORTED_CHANNEL_TYPE(23),
    DISBAND(24),
    SEND_BAN(25);

    private final int code;

    Reason(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
