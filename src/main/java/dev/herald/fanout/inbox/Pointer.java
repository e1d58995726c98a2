package dev.herald.fanout.inbox;

/** An entry of an inbox as Redis holds it: {@code seq:commandId}; further parts may follow and are not read. */
public record Pointer(long seq, long commandId) {
    public static Pointer parse(String text) {
        String[] parts = text.split(":", -1);
        return new Pointer(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
    }
}
