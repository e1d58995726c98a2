package dev.herald.fanout.inbox;

import dev.herald.fanout.Node;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/** Random lives of an inbox, whose Redis is wiped or set back and whose node dies, beside a model that forgets nothing. */
class InboxModelIT {
    private static final int PULL = Readers.PULL_FLAG;
    private static final int DEVICES = 3;
    /** Most entries of an inbox in half of the lives. */
    private static final int SMALL = 60;

    private static final int LARGE = 20_000;

    private static @Nullable Node shared;
    private static int users;

    @BeforeContainer
    static void open() {
        shared = new Node();
    }

    @AfterContainer
    static void close() {
        node().close();
    }

    /** @param reader one of three devices, or {@link #PULL} @param number how many, or how far */
    record Step(Kind kind, int reader, int number) {}

    enum Kind {
        PUSH,
        PUSH_KEYED,
        PUSH_OVER,
        PUSH_PENDING,
        PUSH_LATE,
        REPEAT,
        FINISH,
        READ,
        ACKNOWLEDGE,
        STORE,
        CRASH,
        SNAPSHOT,
        RESTORE,
        WIPE,
        RETAIN
    }

    @Provide
    Arbitrary<List<Step>> lives() {
        Arbitrary<Kind> kinds = Arbitraries.frequency(
                Tuple.of(4, Kind.PUSH),
                Tuple.of(3, Kind.PUSH_KEYED),
                Tuple.of(1, Kind.PUSH_OVER),
                Tuple.of(2, Kind.PUSH_PENDING),
                Tuple.of(1, Kind.PUSH_LATE),
                Tuple.of(1, Kind.REPEAT),
                Tuple.of(2, Kind.FINISH),
                Tuple.of(8, Kind.READ),
                Tuple.of(3, Kind.ACKNOWLEDGE),
                Tuple.of(3, Kind.STORE),
                Tuple.of(1, Kind.CRASH),
                Tuple.of(1, Kind.SNAPSHOT),
                Tuple.of(1, Kind.RESTORE),
                Tuple.of(1, Kind.WIPE),
                Tuple.of(1, Kind.RETAIN));
        return Combinators.combine(
                        kinds,
                        Arbitraries.integers().between(PULL, DEVICES - 1),
                        Arbitraries.integers().between(0, 40))
                .as(Step::new)
                .list()
                .ofSize(50);
    }

    @Property(tries = 60)
    void gives_all_that_is_unseen_in_order_and_nothing_that_is_known_to_be_acknowledged(
            @ForAll("lives") List<Step> life, @ForAll boolean small) {
        node().bound(small ? SMALL : LARGE);
        new InboxModel(node(), "user" + users++).live(life);
    }

    private static Node node() {
        return Objects.requireNonNull(shared);
    }
}
