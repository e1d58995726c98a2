package dev.herald.wire.binary;

import dev.herald.model.Setting;

/** Which fields the frames of a binary version have (wukong-interfaces sections 1.4 and 1.5). */
record Layout(int version) {
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
