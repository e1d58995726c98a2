package dev.herald.messaging.roster;

import java.util.AbstractSet;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.stream.Stream;

/** A set with a few changes, which cost what they are and not what the set is; it never changes itself. */
final class Amended extends AbstractSet<String> {
    private final Set<String> base;
    private final Set<String> gone;
    private final Set<String> come;

    private Amended(Set<String> base, Set<String> gone, Set<String> come) {
        this.base = base;
        this.gone = gone;
        this.come = come;
    }

    /** Whoever is among both has come back. */
    static Set<String> of(Set<String> set, Collection<String> gone, Collection<String> come) {
        if (gone.isEmpty() && come.isEmpty()) {
            return set;
        }
        Amended before = set instanceof Amended amended ? amended : new Amended(set, Set.of(), Set.of());
        Amended after = new Amended(before.base, new HashSet<>(before.gone), new HashSet<>(before.come));
        gone.forEach(after::leave);
        come.forEach(after::join);
        return after.isHeavy() ? Set.copyOf(after) : after;
    }

    private void leave(String uid) {
        if (!come.remove(uid) && base.contains(uid)) {
            gone.add(uid);
        }
    }

    private void join(String uid) {
        if (!gone.remove(uid) && !base.contains(uid)) {
            come.add(uid);
        }
    }

    /** Changes are copied by each further one, and the whole set by this: so both together cost least. */
    private boolean isHeavy() {
        int changes = gone.size() + come.size();
        return (long) changes * changes >= base.size();
    }

    @Override
    public boolean contains(Object uid) {
        return come.contains(uid) || (base.contains(uid) && !gone.contains(uid));
    }

    @Override
    public int size() {
        return base.size() - gone.size() + come.size();
    }

    @Override
    public Iterator<String> iterator() {
        return Stream.concat(base.stream().filter(uid -> !gone.contains(uid)), come.stream())
                .iterator();
    }
}
