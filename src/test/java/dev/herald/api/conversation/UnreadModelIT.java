package dev.herald.api.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import dev.herald.api.Chat;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/** What three users write, read and hide in a group and with each other, against a model of wukong-interfaces section 3.5. */
class UnreadModelIT {
    private static final List<String> USERS = List.of("ann", "ben", "cid");
    private static final int RECENTS = 3;

    private static @Nullable ApiServer server;
    private static int lives;

    private enum Kind {
        SEND,
        RESEND,
        CLEAR,
        LEAVE,
        DELETE
    }

    /**
     * @param actor who does it
     * @param place 0 and 1 for groups, else a conversation with the next user
     * @param number of the message that is sent again, or of those that are left unread
     */
    private record Step(Kind kind, int actor, int place, int number) {}

    private record Sent(String from, String number) {}

    /** A user's own part of a channel. */
    private static final class Own {
        private long read;
        private long hidden;
        private long wrote;
    }

    @BeforeContainer
    static void start() {
        server = ApiServer.startWithMessaging();
    }

    @AfterContainer
    static void stop() {
        server().close();
    }

    @Provide
    Arbitrary<List<Step>> lives() {
        Arbitrary<Kind> kinds = Arbitraries.frequency(
                Tuple.of(5, Kind.SEND),
                Tuple.of(2, Kind.RESEND),
                Tuple.of(1, Kind.CLEAR),
                Tuple.of(2, Kind.LEAVE),
                Tuple.of(1, Kind.DELETE));
        return Combinators.combine(
                        kinds,
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.integers().between(0, 6))
                .as(Step::new)
                .list()
                .ofMinSize(5)
                .ofMaxSize(30);
    }

    @Property(tries = 40, shrinking = ShrinkingMode.BOUNDED)
    void sequences_repeats_and_unread_counts_are_those_of_the_model(@ForAll("lives") List<Step> life) {
        new Model("l" + lives++).live(life);
    }

    private static ApiServer server() {
        return Objects.requireNonNull(server);
    }

    private static final class Model {
        private final String life;
        private final Chat chat = new Chat(server());
        private final Conversed seen = new Conversed(server());
        private final Map<String, List<Sent>> logs = new HashMap<>();
        private final Map<String, Own> owns = new HashMap<>();
        private int numbers;

        Model(String life) {
            this.life = life;
            for (int group = 0; group < 2; group++) {
                chat.group(life + "g" + group, USERS.stream().map(this::uid).toArray(String[]::new));
            }
        }

        void live(List<Step> life) {
            life.forEach(this::step);
            for (int user = 0; user < USERS.size(); user++) {
                compare(user);
            }
        }

        private void step(Step step) {
            String log = log(step.actor(), step.place());
            List<Sent> sent = logs.computeIfAbsent(log, it -> new ArrayList<>());
            Own own = own(step.actor(), log);
            JsonObject channel = channel(step.actor(), step.place());
            String uid = uid(USERS.get(step.actor()));
            switch (step.kind()) {
                case SEND -> send(step, "n" + numbers++, sent, own);
                case RESEND -> send(step, "n" + step.number(), sent, own);
                case CLEAR -> {
                    chat.ok("/conversations/clearUnread", channel.put("uid", uid));
                    own.read = Math.max(own.read, sent.size());
                }
                case LEAVE -> {
                    chat.ok("/conversations/setUnread", channel.put("uid", uid).put("unread", step.number()));
                    own.read = Math.max(own.read, sent.size() - step.number());
                }
                case DELETE -> {
                    chat.ok("/conversations/delete", channel.put("uid", uid));
                    own.hidden = Math.max(own.hidden, sent.size());
                }
            }
        }

        /** The same number of the same sender in the same channel is the same message. */
        private void send(Step step, String number, List<Sent> sent, Own own) {
            Sent message = new Sent(uid(USERS.get(step.actor())), number);
            if (!sent.contains(message)) {
                sent.add(message);
                own.wrote = sent.size();
            }
            JsonObject channel = channel(step.actor(), step.place());
            long seq = chat.send(Chat.message(
                    message.from, channel.getString("channel_id"), channel.getInteger("channel_type"), number));
            assertThat(seq).isEqualTo(sent.indexOf(message) + 1);
        }

        private void compare(int user) {
            Map<String, String> expected = new TreeMap<>();
            for (int place = 0; place < 4; place++) {
                expect(user, place == 3 ? (user + 2) % 3 : user, place == 3 ? 2 : place, expected);
            }
            JsonArray shown = seen.sync(uid(USERS.get(user)), RECENTS);
            Map<String, String> actual = shown.stream()
                    .map(JsonObject.class::cast)
                    .collect(Collectors.toMap(
                            it -> it.getString("channel_id") + " " + it.getInteger("channel_type"),
                            it -> text(
                                    it.getLong("unread"),
                                    it.getLong("last_msg_seq"),
                                    it.getLong("readed_to_msg_seq"),
                                    Chat.seqs(it.getJsonArray("recents"))),
                            (one, two) -> "twice",
                            TreeMap::new));
            assertThat(actual).isEqualTo(expected);
        }

        /** @param speaker the one of the two whose next user makes the conversation */
        private void expect(int user, int speaker, int place, Map<String, String> expected) {
            String log = log(speaker, place);
            List<Sent> sent = logs.getOrDefault(log, List.of());
            Own own = own(user, log);
            long last = sent.size();
            if (last == 0 || own.hidden == last) {
                return;
            }
            boolean ownLast = sent.getLast().from.equals(uid(USERS.get(user)));
            long read = Math.max(own.read, own.hidden);
            long unread = ownLast ? 0 : last - Math.max(read, own.wrote);
            long first = Math.max(own.hidden, last - RECENTS) + 1;
            List<Long> recents = LongStream.iterate(last, seq -> seq >= first, seq -> seq - 1)
                    .boxed()
                    .toList();
            String id = place < 2
                    ? channel(speaker, place).getString("channel_id") + " 2"
                    : uid(USERS.get(speaker == user ? (user + 1) % 3 : speaker)) + " 1";
            expected.put(id, text(unread, last, last - unread, recents));
        }

        private static String text(long unread, long last, long readTo, List<Long> recents) {
            return "unread %d of %d, read to %d, shown %s".formatted(unread, last, readTo, recents);
        }

        private Own own(int user, String log) {
            return owns.computeIfAbsent(user + " " + log, it -> new Own());
        }

        /** The name of the channel that both sides share. */
        private String log(int actor, int place) {
            return place < 2 ? "g" + place : "p" + Math.min(actor, (actor + 1) % 3) + Math.max(actor, (actor + 1) % 3);
        }

        private JsonObject channel(int actor, int place) {
            return place < 2
                    ? JsonObject.of("channel_id", life + "g" + place, "channel_type", Chat.GROUP)
                    : JsonObject.of("channel_id", uid(USERS.get((actor + 1) % 3)), "channel_type", Chat.PERSON);
        }

        private String uid(String name) {
            return life + name;
        }
    }
}
