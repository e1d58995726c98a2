package dev.herald.presence;

/**
 * A live session as the registry holds it, in the words of {@code session-change.lua}.
 *
 * @param incarnation of the node that holds the socket
 */
record SessionRow(int deviceFlag, boolean master, long incarnation) {

    static SessionRow parse(String text) {
        String[] words = text.split(" ", 4);
        return new SessionRow(Integer.parseInt(words[0]), words[1].equals("1"), NodeKeys.incarnation(words[2]));
    }
}
