package dev.herald.messaging.commit;

import dev.herald.bus.message.SocketMessage;
import dev.herald.messaging.judge.Pending;
import dev.herald.model.ChannelKey;
import io.micrometer.core.instrument.Counter;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes batches of messages, in several lanes whose batches commit beside each other. All that is under way of one channel
 * is in one lane, and so is all of one session; what would be in two waits until its session has nothing else under way.
 * So both keep their order without a lock, and no batch waits for the rows of another. Channels whose rows somebody else
 * holds, and the sessions that write to them, change over to a lane of their own until nothing of them is under way.
 */
public final class Lanes {
    private static final int LANES = 2;

    private static final int MAX_BATCH = 500;
    private static final long MAX_BATCH_BYTES = 8 << 20;

    /** A batch costs something however small it is: with fewer waiting no further lane is begun … */
    private static final int ENOUGH = 100;

    /** … and no further batch so soon after the one before it … */
    static final Duration GATHERING = Duration.ofMillis(8);

    /** … unless that one was so small that waiting brings nothing. */
    private static final int FEW = 2;

    /** Between two tries of what waits for a busy channel. */
    static final Duration REST = Duration.ofMillis(50);

    private final Function<List<Pending>, Future<Set<ChannelKey>>> commit;
    private final Clock clock;
    private final Counter slowed;
    private final List<Lane> lanes;
    private final Lane slow = new Lane();
    private final Map<Object, Course> courses = new HashMap<>();

    /** Time as lanes need it. */
    public interface Clock {
        /** Milliseconds that never step. */
        long now();

        void after(long millis, Runnable task);
    }

    /**
     * @param commit never fails; it is done when every message of the batch is answered and told of, except those that wait
     *     for the channels it returns
     * @param slowed counts the messages that go through the slow lane
     */
    public Lanes(Function<List<Pending>, Future<Set<ChannelKey>>> commit, Clock clock, Counter slowed) {
        this.commit = commit;
        this.clock = clock;
        this.slowed = slowed;
        this.lanes = Stream.generate(Lane::new).limit(LANES).toList();
    }

    /** What is under way of one channel or session, and what of the session waits for that. */
    private static final class Course {
        private Lane lane;
        private int underWay;
        private List<Pending> held = List.of();

        Course(Lane lane) {
            this.lane = lane;
        }
    }

    public void add(Pending pending) {
        Course session = courses.get(pending.message().fromSession());
        Course channel = courses.get(pending.stored());
        if (session != null && (!session.held.isEmpty() || goesElsewhere(session, channel))) {
            session.held = session.held.isEmpty() ? new ArrayList<>() : session.held;
            session.held.add(pending);
            return;
        }
        Lane lane = session != null ? session.lane : channel != null ? channel.lane : freest();
        for (Object each : coursesOf(pending)) {
            courses.computeIfAbsent(each, it -> new Course(lane)).underWay++;
        }
        lane.add(List.of(pending));
    }

    /** The slow lane takes up no channel but a busy one: others than the session may write to it. */
    private boolean goesElsewhere(Course session, @Nullable Course channel) {
        return channel == null ? session.lane == slow : channel.lane != session.lane;
    }

    /** What no session sent has an order in its channel only. */
    private static List<Object> coursesOf(Pending pending) {
        long session = pending.message().fromSession();
        return session == SocketMessage.NO_SESSION ? List.of(pending.stored()) : List.of(pending.stored(), session);
    }

    private Lane freest() {
        Lane freest = lanes.getFirst();
        for (Lane lane : lanes) {
            if (freest.waiting.size() < ENOUGH) {
                break;
            }
            freest = lane.waiting.size() < freest.waiting.size() ? lane : freest;
        }
        return freest;
    }

    private void done(List<Pending> batch) {
        List<Pending> free = new ArrayList<>();
        for (Pending pending : batch) {
            for (Object each : coursesOf(pending)) {
                courses.computeIfPresent(each, (it, course) -> {
                    if (--course.underWay > 0) {
                        return course;
                    }
                    free.addAll(course.held);
                    return null;
                });
            }
        }
        free.forEach(this::add);
    }

    private final class Lane {
        private final Deque<Pending> waiting = new ArrayDeque<>();
        private boolean committing;
        private boolean gathering;
        private boolean resting;
        private long begun;
        private int size;

        void add(List<Pending> more) {
            waiting.addAll(more);
            if (this == slow) {
                slowed.increment(more.size());
            }
            commitNext();
        }

        private void commitNext() {
            if (committing || resting || waiting.isEmpty()) {
                return;
            }
            long now = clock.now();
            long pause = begun + GATHERING.toMillis() - now;
            if (pause > 0 && size > FEW && waiting.size() < ENOUGH) {
                gather(pause);
                return;
            }
            List<Pending> batch = take();
            committing = true;
            begun = now;
            size = batch.size();
            commit.apply(batch).onComplete(end -> {
                committing = false;
                done(end.succeeded() ? setAside(batch, end.result()) : batch);
                commitNext();
            });
        }

        /** What a busy channel stops goes on in the slow lane; returns the rest of the batch. */
        private List<Pending> setAside(List<Pending> batch, Set<ChannelKey> busy) {
            if (busy.isEmpty()) {
                return batch;
            }
            Map<Boolean, List<Pending>> byAnswer = batch.stream()
                    .collect(Collectors.partitioningBy(
                            each -> each.answer().future().isComplete()));
            List<Pending> open = byAnswer.getOrDefault(false, List.of());
            if (this == slow) {
                open.reversed().forEach(waiting::addFirst);
                rest();
            } else {
                changeOver(open, busy);
            }
            return byAnswer.getOrDefault(true, List.of());
        }

        /** What waits here of a session would otherwise be overtaken by what it has there. */
        private void changeOver(List<Pending> open, Set<ChannelKey> busy) {
            Stopped stopped = Stopped.by(busy, waiting);
            open.forEach(stopped::stopSession);
            Stream.<Object>concat(stopped.channels().stream(), stopped.sessions().stream())
                    .forEach(each -> courses.computeIfPresent(each, (it, course) -> {
                        course.lane = slow;
                        return course;
                    }));
            List<Pending> moving = Stream.concat(open.stream(), waiting.stream().filter(stopped::holds))
                    .toList();
            waiting.removeIf(stopped::holds);
            slow.add(moving);
        }

        private void rest() {
            resting = true;
            clock.after(REST.toMillis(), () -> {
                resting = false;
                commitNext();
            });
        }

        private void gather(long pause) {
            if (!gathering) {
                gathering = true;
                clock.after(pause, () -> {
                    gathering = false;
                    commitNext();
                });
            }
        }

        private List<Pending> take() {
            List<Pending> batch = new ArrayList<>();
            long bytes = 0;
            while (!waiting.isEmpty() && batch.size() < MAX_BATCH && bytes < MAX_BATCH_BYTES) {
                Pending next = waiting.remove();
                bytes += next.message().payload().size();
                batch.add(next);
            }
            return batch;
        }
    }
}
