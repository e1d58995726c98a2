package dev.herald.device;

/**
 * What is known of one device of a user.
 *
 * @param level {@link #SLAVE} or {@link #MASTER} (wukong-interfaces section 1.6)
 */
public record Device(int level, TokenHash token) {
    public static final int SLAVE = 0;
    public static final int MASTER = 1;

    public boolean isMaster() {
        return level == MASTER;
    }
}
