package dev.herald.wire.json;

import dev.herald.wire.Unread;
import dev.herald.wire.WireException;

/**
 * Finds where a JSON object ends, however it is cut into pieces, and looks at each byte once. Whether it is good JSON
 * is for the parser to say; of good JSON the end is right.
 */
final class ObjectScanner {
    static final int MAX_DEPTH = 32;

    private final int maxBytes;
    private int position;
    private int depth;
    private boolean inString;
    private boolean escaped;

    ObjectScanner(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Length of the object that begins with the first unread byte; 0 if its end has not come yet. */
    int end(Unread unread) {
        while (position < unread.size()) {
            if (position == maxBytes) {
                throw new WireException("a message is longer than the limit of " + maxBytes + " bytes");
            }
            step(unread.at(position++));
            if (depth == 0) {
                int length = position;
                position = 0;
                return length;
            }
        }
        return 0;
    }

    private void step(int c) {
        if (escaped) {
            escaped = false;
        } else if (inString) {
            escaped = c == '\\';
            inString = c != '"';
        } else if (c == '"') {
            inString = true;
        } else if (c == '{' || c == '[') {
            depth++;
            if (depth > MAX_DEPTH) {
                throw new WireException("a message is nested deeper than " + MAX_DEPTH + " levels");
            }
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
}
