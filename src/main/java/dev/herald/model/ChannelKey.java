package dev.herald.model;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;

/**
 * A channel's id and type. Person channels are stored under one id for both sides (wukong-interfaces section 4.2).
 */
public record ChannelKey(String id, int type) {
    public static final int PERSON = 1;
    public static final int GROUP = 2;

    /** Between a visitor and those who serve it, who are its members, with the id {@code visitor|service}. */
    public static final int CUSTOMER_SERVICE = 3;

    /** Anybody may write to it. */
    public static final int INFO = 6;

    /** For the moment: whom a back end names for it, and commands that are addressed to users and not to a channel. */
    public static final int TEMPORARY = 8;

    /** The id is the visitor's uid. */
    public static final int VISITORS = 10;

    /** Between a user and an agent, with the id {@code uid@agent}. */
    public static final int AGENT = 11;

    /** WuKongIM's own mark of a channel of commands: an id that ends so could be taken for one. */
    public static final String COMMAND_SUFFIX = "____cmd";

    /** Where commands that are not stored come from (wukong-interfaces section 5.2). */
    public static final ChannelKey UNSTORED_COMMANDS = new ChannelKey("systemcmdonline", TEMPORARY);

    private static final char BETWEEN = '@';
    private static final char AFTER_VISITOR = '|';

    public static ChannelKey group(String id) {
        return new ChannelKey(id, GROUP);
    }

    /** The stored key of the conversation between two users: the uid with the larger CRC-32 comes first. */
    public static ChannelKey conversation(String one, String other) {
        long first = crc32(one);
        long second = crc32(other);
        boolean keep = first > second || (first == second && one.compareTo(other) >= 0);
        return new ChannelKey(keep ? one + BETWEEN + other : other + BETWEEN + one, PERSON);
    }

    /**
     * Where a message to this address is stored: between two uids the address names only the other one. An agent answers
     * in the user's channel by naming both.
     */
    public ChannelKey storedFor(String sender) {
        return switch (type) {
            case PERSON -> conversation(sender, id);
            case AGENT -> id.indexOf(BETWEEN) < 0 ? new ChannelKey(sender + BETWEEN + id, AGENT) : this;
            default -> this;
        };
    }

    public boolean isPerson() {
        return type == PERSON;
    }

    /** The two users of a stored person or agent channel, the first first; none of any other. */
    public List<String> sides() {
        int at = type == PERSON || type == AGENT ? id.indexOf(BETWEEN) : -1;
        return at < 0 ? List.of() : List.of(id.substring(0, at), id.substring(at + 1));
    }

    /**
     * Those whom the id of a stored channel names: the two sides, or the visitor. They are in it from the beginning and for
     * good, whatever is done to its members.
     */
    public List<String> insiders() {
        List<String> named =
                switch (type) {
                    case PERSON, AGENT -> sides();
                    case VISITORS -> List.of(id);
                    case CUSTOMER_SERVICE -> List.of(id.substring(0, Math.max(0, id.indexOf(AFTER_VISITOR))));
                    default -> List.of();
                };
        return named.stream().filter(ChannelKey::isReader).distinct().toList();
    }

    /** The system account reads nothing, and would be in a channel with every user. */
    private static boolean isReader(String uid) {
        return !uid.equals(Uid.SYSTEM) && Uid.problem(uid).isEmpty();
    }

    /** How one of the two sides of a stored person channel calls it: by the other; any other channel by its id. */
    public String seenBy(String uid) {
        List<String> sides = isPerson() ? sides() : List.of();
        if (sides.isEmpty()) {
            return id;
        }
        return sides.getFirst().equals(uid) ? sides.getLast() : sides.getFirst();
    }

    private static long crc32(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return crc.getValue();
    }
}
