package dev.herald.model;

/** Kinds of device (wukong-interfaces section 1.6). Other values from 0 to 255 are accepted and kept apart. */
public final class DeviceFlag {
    public static final int APP = 0;
    public static final int WEB = 1;
    public static final int PC = 2;
    public static final int MAX = 255;

    private DeviceFlag() {}
}
