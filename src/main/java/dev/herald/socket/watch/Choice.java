package dev.herald.socket.watch;

import java.util.HashSet;
import java.util.Set;

/**
 * Whom a client has chosen to watch.
 *
 * @param wholeList those on the list of its back end, whoever that is
 * @param named of whom those count whom it may watch
 */
record Choice(boolean wholeList, Set<String> named) {
    static final Choice NOBODY = new Choice(false, Set.of());

    boolean isNobody() {
        return !wholeList && named.isEmpty();
    }

    Choice withList() {
        return new Choice(true, named);
    }

    Choice with(Set<String> users) {
        Set<String> all = new HashSet<>(named);
        all.addAll(users);
        return new Choice(wholeList, all);
    }

    /**
     * @param listed the users on the list
     * @param anybody true if it may watch others, too
     */
    Set<String> of(Set<String> listed, boolean anybody) {
        if (named.isEmpty()) {
            return wholeList ? listed : Set.of();
        }
        Set<String> watched = new HashSet<>(named);
        if (!anybody) {
            watched.retainAll(listed);
        }
        if (wholeList) {
            watched.addAll(listed);
        }
        return watched;
    }
}
