package dev.herald.socket;

import dev.herald.bus.message.SocketMessage.TraceStep;
import java.util.ArrayList;
import java.util.List;

/** The last steps of commands and messages that one event loop took, for whoever traces one: the oldest are written over. */
final class Trail {
    /** Some minutes' worth on a quiet node, some seconds' on a busy one; half a megabyte. */
    static final int KEPT = 8_192;

    private final long[] ids = new long[KEPT];
    private final long[] times = new long[KEPT];
    private final Step[] steps = new Step[KEPT];
    private final String[] uids = new String[KEPT];
    private final int[] details = new int[KEPT];
    private int next;

    enum Step {
        SENT,
        SENT_AGAIN,
        ACKNOWLEDGED,
        PUSHED
    }

    /** A command and one device. */
    void note(Step step, long id, String uid, int deviceFlag) {
        ids[next] = id;
        times[next] = System.currentTimeMillis();
        steps[next] = step;
        uids[next] = uid;
        details[next] = deviceFlag;
        next = (next + 1) % KEPT;
    }

    /** A message and all of its receivers here: one note, however many they are. */
    void pushed(long id, int receivers) {
        note(Step.PUSHED, id, "", receivers);
    }

    /** The oldest first. */
    List<TraceStep> of(long id) {
        List<TraceStep> found = new ArrayList<>();
        for (int i = 0; i < KEPT; i++) {
            int at = (next + i) % KEPT;
            if (ids[at] == id && times[at] > 0) {
                found.add(step(at));
            }
        }
        return found;
    }

    private TraceStep step(int at) {
        boolean several = steps[at] == Step.PUSHED;
        String what =
                switch (steps[at]) {
                    case SENT -> "sent";
                    case SENT_AGAIN -> "sent again";
                    case ACKNOWLEDGED -> "acknowledged";
                    case PUSHED -> "pushed";
                };
        return new TraceStep(times[at], what, uids[at], several ? 0 : details[at], several ? details[at] : 1);
    }
}
