package dev.herald.messaging.commit;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.MessagingMessage.SendAnswer;
import dev.herald.bus.message.MessagingMessage.SendAnswers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/** Tells those who sent several messages at once what became of each: what is known at one moment is one message to each. */
public final class Answers {
    private final Bus bus;
    private final Executor later;
    private Map<String, List<SendAnswer>> untold = new HashMap<>();

    /** @param later runs what it is given once this turn of the event loop is over */
    public Answers(Bus bus, Executor later) {
        this.bus = bus;
        this.later = later;
    }

    /** @param to as {@link Addresses#answersTo} takes it */
    public void add(String to, SendAnswer answer) {
        if (untold.isEmpty()) {
            later.execute(this::tellAll);
        }
        untold.computeIfAbsent(to, it -> new ArrayList<>()).add(answer);
    }

    /** Now, before what else is told. */
    void tellAll() {
        Map<String, List<SendAnswer>> all = untold;
        untold = new HashMap<>();
        all.forEach((to, answers) -> bus.tell(Addresses.answersTo(to), new SendAnswers(answers)));
    }
}
