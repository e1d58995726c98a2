package dev.herald.webhook;

import static dev.herald.webhook.WebhookWorld.online;
import static dev.herald.webhook.WebhookWorld.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.eventlog.EventLog;
import dev.herald.eventlog.EventLog.NewEvent;
import dev.herald.it.Receiver;
import dev.herald.it.Receiver.Answer;
import dev.herald.webhook.retry.RetrySchedule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One event that is never taken, and those that have nothing to do with it. */
@Timeout(60)
class PoisonIT {
    @RegisterExtension
    final WebhookWorld world = WebhookWorld.configured();

    private final Receiver receiver = world.receiver;

    /** All in one lane. */
    private final List<String> uids = IntStream.range(0, 100_000)
            .mapToObj(i -> "u" + i)
            .filter(uid -> EventLog.laneOf(NewEvent.userKey(uid)) == 5)
            .limit(8)
            .toList();

    @Test
    void a_refused_event_holds_up_only_its_key_and_comes_back_in_order() throws Exception {
        holdsUpOnlyItsKey(Answer.status(422));
    }

    @Test
    void an_event_that_the_receiver_fails_at_holds_up_only_its_key_if_others_get_through() throws Exception {
        sendElsewhere();
        holdsUpOnlyItsKey(Answer.status(500));
    }

    @Test
    void an_event_that_a_gateway_fails_at_holds_up_only_its_key() throws Exception {
        world.config.put("webhook.batch-size", "1");
        sendElsewhere();
        holdsUpOnlyItsKey(Answer.status(502));
    }

    @Test
    void an_event_that_always_comes_too_soon_holds_up_only_its_key() throws Exception {
        world.config.put("webhook.batch-size", "1");
        sendElsewhere();
        holdsUpOnlyItsKey(Answer.status(429, "Retry-After", "1"));
    }

    @Test
    void what_is_given_up_is_a_dead_letter_and_its_key_goes_on() throws Exception {
        String poisoned = uids.get(3);
        receiver.answer(
                arrival -> arrival.texts().contains(text(poisoned, 1)) ? Answer.status(422) : Answer.status(200));
        world.schedule = new RetrySchedule(List.of(Duration.ofMillis(50)), Duration.ofMillis(400));
        for (int round = 0; round < 3; round++) {
            int n = round;
            world.append(uids.stream().map(uid -> online(uid, n)).toArray(NewEvent[]::new));
        }
        world.node(1);
        world.awaitAllDelivered();
        assertThat(delivered()).hasSize(3 * uids.size() - 1).contains(text(poisoned, 2));
        var letter = world.query("select * from dead_letter").iterator().next();
        assertThat(letter.getString("reason")).isEqualTo("refused");
        assertThat(letter.getString("status")).isEqualTo("422");
        assertThat(letter.getString("key")).isEqualTo(NewEvent.userKey(poisoned));
        assertThat(letter.getInteger("attempts")).isGreaterThan(2);
    }

    private void sendElsewhere() {
        AtomicInteger n = new AtomicInteger();
        world.vertx.setPeriodic(
                50, timer -> EventLog.append(world.pg.statements(), List.of(online("elsewhere", n.incrementAndGet())))
                        .onSuccess(v -> world.nudge()));
    }

    private void holdsUpOnlyItsKey(Answer refusal) throws Exception {
        String poisoned = uids.get(3);
        String poison = text(poisoned, 1);
        AtomicBoolean cured = new AtomicBoolean();
        receiver.answer(arrival -> arrival.texts().contains(poison) && !cured.get() ? refusal : Answer.status(200));
        for (int round = 0; round < 3; round++) {
            int n = round;
            world.append(uids.stream().map(uid -> online(uid, n)).toArray(NewEvent[]::new));
        }
        world.node(1);
        await().until(() -> ofUids(delivered()) == 3 * uids.size() - 2);
        assertThat(delivered()).doesNotContain(poison, text(poisoned, 2)).contains(text(poisoned, 0));
        world.append(online(uids.get(0), 3), online(poisoned, 3), online(uids.get(7), 3));
        await().until(() -> delivered().containsAll(List.of(text(uids.get(0), 3), text(uids.get(7), 3))));
        assertThat(delivered()).doesNotContain(poison, text(poisoned, 2), text(poisoned, 3));

        cured.set(true);
        await().until(() -> delivered().contains(text(poisoned, 3)));
        assertThat(delivered())
                .containsSubsequence(
                        IntStream.range(0, 4).mapToObj(n -> text(poisoned, n)).toList());
        for (String uid : uids) {
            assertThat(delivered().stream().filter(text -> text.startsWith(uid + "-")))
                    .isSortedAccordingTo((one, other) -> Integer.compare(number(one), number(other)));
        }
        await().until(() -> world.number("select count(*) from webhook_lane where key <> ''") == 0);
        world.append(online(poisoned, 4));
        await().until(() -> delivered().contains(text(poisoned, 4)));
    }

    /** What was answered with 200, in the order of its first arrival. */
    private List<String> delivered() {
        List<String> texts = new ArrayList<>();
        receiver.taken().forEach(arrival -> arrival.texts().stream()
                .filter(text -> !texts.contains(text))
                .forEach(texts::add));
        return texts;
    }

    private long ofUids(List<String> texts) {
        return texts.stream()
                .filter(text -> uids.contains(text.substring(0, text.indexOf('-'))))
                .count();
    }

    private static int number(String text) {
        return Integer.parseInt(text.split("-")[3]);
    }
}
