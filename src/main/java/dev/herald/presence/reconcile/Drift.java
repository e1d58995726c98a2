package dev.herald.presence.reconcile;

import java.util.Locale;

/**
 * A difference between what is and what is believed.
 *
 * @param ageMs how long it may have stood: the time since the user changed last; -1 if that is not known
 * @param detail what differs, for whoever looks into it
 */
public record Drift(Kind kind, String uid, long ageMs, String detail) {

    /** In the order in which they are mended: the later ones are judged when the earlier ones are gone. */
    public enum Kind {
        /** A socket lives here, the registry does not know of it. */
        MISSING_SESSION(Repair.ALIGN),
        /** The registry has a session under this node's name that has no socket here; its socket may be elsewhere. */
        GHOST_SESSION(Repair.ALIGN, true),
        /** The registry has a session of this node under another node's name. */
        MISPLACED_SESSION(Repair.ALIGN),
        /** The registry has a session of a node that nobody knows. */
        ORPHAN_SESSION(Repair.EVICT, true),
        /** A device has sessions and was never announced. */
        UNANNOUNCED_DEVICE(Repair.SETTLE),
        /** An announced device has no sessions and is not held. */
        UNENDED_DEVICE(Repair.SETTLE, true),
        /** A hold should have ended long ago. */
        OVERDUE_HOLD(Repair.SETTLE),
        /** An edge waits for too long to be recorded. */
        UNRECORDED_EDGE(Repair.SETTLE),
        /** A device was told to be online that the registry does not announce. */
        TOLD_ONLINE(Repair.ADOPT, true),
        /** A device is announced that nobody was told of. */
        UNTOLD_ONLINE(Repair.ADOPT),
        /** The registry would give versions that were told already. */
        OLD_VERSION(Repair.ADOPT),
        /** A user with sessions here is not on this node's list. */
        UNLISTED_USER(Repair.NONE);

        private final Repair repair;
        private final boolean endsWhatMayLive;

        Kind(Repair repair) {
            this(repair, false);
        }

        Kind(Repair repair, boolean endsWhatMayLive) {
            this.repair = repair;
            this.endsWhatMayLive = endsWhatMayLive;
        }

        Repair repair() {
            return repair;
        }

        /** The repair may end something: first every node says what it has. */
        boolean endsWhatMayLive() {
            return endsWhatMayLive;
        }

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** One call mends all of a user's differences that have the same key. */
    String repairKey() {
        return kind.repair() == Repair.EVICT
                ? kind.repair().word() + " " + detail
                : kind.repair().word();
    }

    enum Repair {
        /** This node says which sessions it has. */
        ALIGN,
        /** The unknown node's sessions end. */
        EVICT,
        /** The registry compares once more what it has. */
        SETTLE,
        /** The registry takes what was told for what it announced, and compares. */
        ADOPT,
        /** It is mended where it is found. */
        NONE;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
