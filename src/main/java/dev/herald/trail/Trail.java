package dev.herald.trail;

import dev.herald.bus.message.SocketMessage.TraceStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The last steps of commands and messages that one verticle took on its event loop: the oldest are written over. */
public final class Trail {
    /** Some minutes' worth on a quiet node, some seconds' on a busy one; half a megabyte. */
    static final int KEPT = 8_192;

    /** Of a message to more receivers here it is not noted who acknowledged it: that would be all that is kept. */
    static final int FEW = 8;

    private static final int LATELY = 1_024;

    private final long[] ids = new long[KEPT];
    private final long[] times = new long[KEPT];
    private final Step[] steps = new Step[KEPT];
    private final String[] names = new String[KEPT];
    private final int[] numbers = new int[KEPT];
    private int next;

    /** Messages that went to few lately, each at the place that the end of its id says. */
    private final long[] toFew = new long[LATELY];

    private enum Step {
        REQUESTED,
        RECEIVED,
        IN_INBOXES,
        SENT,
        SENT_AGAIN,
        ACKNOWLEDGED,
        PUSHED;

        String what() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /**
     * A back end asked for it.
     *
     * @param atMs when the request was there as a whole, before there was an id; milliseconds since 1970
     * @param id 0 if it was refused, which is not noted
     * @param request its {@code X-Request-Id}
     */
    public void requested(long atMs, long id, String request) {
        note(atMs, Step.REQUESTED, id, request, 0);
    }

    /**
     * A device sent it.
     *
     * @param atMs when that came, before there was an id; milliseconds since 1970
     * @param id 0 if it was refused, which is not noted
     */
    public void received(long atMs, long id, String uid, int deviceFlag) {
        note(atMs, Step.RECEIVED, id, uid, deviceFlag);
    }

    /** A command was written to the lists of so many users: one note, however many they are. */
    public void listed(long id, int users) {
        note(Step.IN_INBOXES, id, "", users);
    }

    /** A command went to one device. */
    public void sent(long id, String uid, int deviceFlag, boolean again) {
        note(again ? Step.SENT_AGAIN : Step.SENT, id, uid, deviceFlag);
    }

    public void acknowledged(long id, String uid, int deviceFlag) {
        note(Step.ACKNOWLEDGED, id, uid, deviceFlag);
    }

    public void acknowledgedMessage(long id, String uid, int deviceFlag) {
        if (toFew[place(id)] == id) {
            acknowledged(id, uid, deviceFlag);
        }
    }

    /** A message went to all of its receivers here: one note, however many they are. */
    public void pushed(long id, int receivers) {
        if (receivers <= FEW) {
            toFew[place(id)] = id;
        }
        note(Step.PUSHED, id, "", receivers);
    }

    private static int place(long id) {
        return (int) (id % LATELY);
    }

    /** The oldest first. */
    List<TraceStep> of(long id) {
        List<TraceStep> found = new ArrayList<>();
        for (int i = 0; i < KEPT; i++) {
            int at = (next + i) % KEPT;
            if (ids[at] == id && steps[at] != null) {
                found.add(step(at));
            }
        }
        return found;
    }

    private void note(Step step, long id, String name, int number) {
        note(System.currentTimeMillis(), step, id, name, number);
    }

    private void note(long atMs, Step step, long id, String name, int number) {
        if (id > 0) {
            ids[next] = id;
            times[next] = atMs;
            steps[next] = step;
            names[next] = name;
            numbers[next] = number;
            next = (next + 1) % KEPT;
        }
    }

    private TraceStep step(int at) {
        String what = steps[at].what();
        return switch (steps[at]) {
            case REQUESTED -> new TraceStep(times[at], what, "", 0, 0, names[at]);
            case IN_INBOXES, PUSHED -> new TraceStep(times[at], what, "", 0, numbers[at], "");
            case RECEIVED, SENT, SENT_AGAIN, ACKNOWLEDGED ->
                new TraceStep(times[at], what, names[at], numbers[at], 1, "");
        };
    }
}
