package dev.herald.channel;

import java.util.List;

/** What a change does to the members, or to one of the lists. */
public sealed interface MemberEdit {
    MemberEdit KEEP = new Keep();

    record Keep() implements MemberEdit {}

    /** Those who are members already stay so; to them, too, all that there is counts as read. */
    record Add(List<String> uids) implements MemberEdit {
        public Add {
            uids = List.copyOf(uids);
        }
    }

    record Remove(List<String> uids) implements MemberEdit {
        public Remove {
            uids = List.copyOf(uids);
        }
    }

    /** Exactly these are members afterwards; whoever was one before never left, and has read all that there is. */
    record Replace(List<String> uids) implements MemberEdit {
        public Replace {
            uids = List.copyOf(uids);
        }
    }
}
