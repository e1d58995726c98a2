package dev.herald.wire;

import dev.herald.model.Setting;

/** Which fields the frames of a binary version have (wukong-interfaces sections 1.4 and 1.5). */
record Layout(int version) {
    static final int NEWEST = 5;

    /** The layout that both sides speak. */
    static Layout agreed(int clientVersion) {
        return new Layout(Math.min(clientVersion, NEWEST));
    }

    /** CONNACK tells the server's version and node. */
    boolean hasServer() {
        return version > 3;
    }

    boolean hasEvents() {
        return version >= 5;
    }

    boolean hasExpire() {
        return version >= 3;
    }

    boolean hasStream(int setting) {
        return version >= 2 && version < 5 && (setting & Setting.STREAM) != 0;
    }

    /** The setting of a message of which this layout carries no stream fields. */
    int withoutStream(int setting) {
        return hasStream(setting) ? setting & ~Setting.STREAM : setting;
    }
}
