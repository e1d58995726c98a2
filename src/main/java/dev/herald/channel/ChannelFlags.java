package dev.herald.channel;

/** The five flags of a channel; what each of them stops stands in wukong-interfaces section 4.4. */
public record ChannelFlags(boolean ban, boolean disband, boolean sendBan, boolean allowStranger, boolean large) {
    public static final ChannelFlags NONE = new ChannelFlags(false, false, false, false, false);

    public ChannelFlags disbanded() {
        return new ChannelFlags(ban, true, sendBan, allowStranger, large);
    }
}
