package dev.herald.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.fanout.Trap.Step;
import dev.herald.fanout.inbox.Pointer;
import dev.herald.fanout.walk.Appends;
import dev.herald.it.Stores;
import dev.herald.model.DeviceFlag;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Promise C1 against a process that is killed, or frozen, at each step of a fan-out: every member has one entry. */
@Timeout(90)
class FanoutCrashIT {
    private static final int PAGE = 400;
    private static final int MEMBERS = 2 * PAGE + 100;
    private static final Map<String, String> SETTINGS =
            Map.of("page", Integer.toString(PAGE), "sweep", "PT0.1S", "commands.lease", "PT1S");

    private final String redisUrl = Stores.freshRedis();

    @RegisterExtension
    final Node node = node();

    /** Where the process is when it is killed, and whether the statement that it has sent still counts. */
    enum Death {
        BEFORE_THE_CLAIM(test -> test.killAt(Step.CLAIM, Trap::drop)),
        AFTER_THE_CLAIM(test -> test.killAt(Step.CLAIM, Trap::open)),
        IN_THE_MIDDLE_OF_A_PAGE(test -> test.killAfterAppends(PAGE / 2)),
        BEFORE_THE_ANSWERS_TO_THE_LAST_APPENDS(test -> test.killAfterAppends(PAGE)),
        AFTER_A_PAGE_BEFORE_ITS_PROGRESS(test -> test.killAt(Step.PROGRESS, Trap::drop)),
        AFTER_THE_LAST_PAGE_BEFORE_COMPLETION(test -> test.killAt(Step.COMPLETION, Trap::drop)),
        AFTER_COMPLETION(test -> test.killAt(Step.COMPLETION, Trap::open));

        private final Consumer<FanoutCrashIT> course;

        Death(Consumer<FanoutCrashIT> course) {
            this.course = course;
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_death_at_any_step_leaves_every_member_one_entry(Death death) {
        long channel = node.channel("g1", MEMBERS);
        long first = node.command(channel, 1);
        death.course.accept(this);
        node.deploy(2);
        long second = node.command(channel, 1);
        await().until(node::allDone);
        assertThat(entries(MEMBERS)).containsExactly(Map.entry(List.of(first, second), MEMBERS));
    }

    @Test
    void a_hundred_thousand_members_have_one_entry_each_after_kills_in_the_middle() {
        int members = 100_000;
        long command = node.command(node.channel("g1", members), 1);
        for (int part = 1; part <= 2; part++) {
            int reached = members * part / 3;
            try (FanoutProcess process = start(redisUrl)) {
                await().atMost(Duration.ofSeconds(40))
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> written() > reached);
                process.kill();
            }
        }
        assertThat(node.isDone(command)).isFalse();
        node.deploy(2);
        await().atMost(Duration.ofSeconds(60)).until(node::allDone);
        assertThat(entries(members)).containsExactly(Map.entry(List.of(command), members));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, PAGE / 2})
    void an_owner_that_sleeps_beyond_its_lease_doubles_nothing_and_sets_no_cursor_back(int appends) {
        long channel = node.channel("g1", MEMBERS);
        long first = node.command(channel, 1);
        try (RedisTap tap = tap(appends);
                FanoutProcess sleeper = start(tap.url())) {
            await().until(tap::isHolding);
            sleeper.freeze();
            String other = node.deploy(2);
            long second = node.command(channel, 1);
            await().until(node::allDone);
            Reader app = new Reader(node, Node.uid(MEMBERS), DeviceFlag.APP);
            assertThat(app.turn()).isTrue();
            assertThat(app.commands()).containsExactly(first, second);
            assertThat(app.open()).isEqualTo(2);
            node.undeploy(other);

            // What the sleeper had sent before it was frozen arrives late, too.
            tap.open();
            sleeper.thaw();
            long third = node.command(channel, 1);
            await().until(node::allDone);
            assertThat(entries(MEMBERS)).containsExactly(Map.entry(List.of(first, second, third), MEMBERS));
            node.deploy(3);
            assertThat(app.open()).isEqualTo(2);
        }
    }

    private void killAt(Step step, Consumer<Trap> fate) {
        try (Trap trap = new Trap(node, step);
                FanoutProcess process = start(redisUrl)) {
            trap.awaitCatch();
            process.kill();
            fate.accept(trap);
        }
    }

    private void killAfterAppends(int appends) {
        try (RedisTap tap = tap(appends);
                FanoutProcess process = start(tap.url())) {
            await().until(() -> tap.isHolding() || reached(appends));
            process.kill();
        }
    }

    /** The script is known to Redis, so that each of its runs is sent once. */
    private RedisTap tap(int appends) {
        node.call(() -> node.appends().append(Inbox.claim(1, List.of("nobody"))));
        return new RedisTap(redisUrl, Appends.APPEND, appends);
    }

    /** All of a page: its answers are on their way. */
    private boolean reached(int members) {
        return members % PAGE == 0 && !node.inbox(Node.uid(members)).isEmpty();
    }

    private long written() {
        return node.sql("select coalesce(sum(written), 0) from cmd").getFirst().getLong(0);
    }

    private FanoutProcess start(String redis) {
        Map<String, String> settings = new HashMap<>(SETTINGS);
        settings.put("redis.url", redis);
        return FanoutProcess.start(1, node.postgresUrl, settings);
    }

    private Node node() {
        Map<String, String> settings = new HashMap<>(SETTINGS);
        settings.put("redis.url", redisUrl);
        return new Node(settings.entrySet().stream()
                .flatMap(entry -> Stream.of(entry.getKey(), entry.getValue()))
                .toArray(String[]::new));
    }

    /** The commands in the inboxes of so many users, and how many have the same. */
    private Map<List<Long>, Integer> entries(int members) {
        Map<List<Long>, Integer> found = new HashMap<>();
        for (int from = 1; from <= members; from += 10_000) {
            List<String> uids = IntStream.rangeClosed(from, Math.min(members, from + 9_999))
                    .mapToObj(Node::uid)
                    .toList();
            node.inboxes(uids)
                    .values()
                    .forEach(inbox -> found.merge(
                            inbox.stream()
                                    .map(Pointer::parse)
                                    .map(Pointer::commandId)
                                    .toList(),
                            1,
                            Integer::sum));
        }
        return found;
    }
}
