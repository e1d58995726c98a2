package dev.herald.presence.registry;

/**
 * A live session as the registry holds it, in the words of {@code session-change.lua}.
 *
 * @param incarnation of the node that holds the socket
 */
public record SessionRow(int deviceFlag, boolean master, long incarnation) {

    /** Of a thousand users at a time, so in place: {@code flag master incarnation.term deviceId}. */
    public static SessionRow parse(String text) {
        int flagEnd = text.indexOf(' ');
        int node = flagEnd + " 0 ".length();
        return new SessionRow(
                Integer.parseInt(text, 0, flagEnd, 10),
                text.charAt(flagEnd + 1) == '1',
                Long.parseLong(text, node, text.indexOf('.', node), 10));
    }
}
