package dev.herald.api.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import dev.herald.api.Chat;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class UnreadIT {
    @RegisterExtension
    static final ApiServer server = ApiServer.withMessaging();

    private final Chat chat = new Chat(server);
    private final Conversed seen = new Conversed(server);

    @Test
    void unread_is_what_lies_behind_the_read_position_and_behind_ones_own_last_message() {
        chat.group("g1", "u1", "u2", "u3");
        chat.sendMany("u1", "g1", 3);
        seen.assertUnread("u2", 3, 0);

        chat.send("u2", "g1", "own");
        seen.assertUnread("u2", 0, 4);

        chat.send("u1", "g1", "c5");
        chat.send("u1", "g1", "c6");
        seen.assertUnread("u2", 2, 4);
        seen.assertUnread("u1", 0, 6);
        seen.assertUnread("u3", 6, 0);

        seen.clearUnread("u2");
        seen.assertUnread("u2", 0, 6);
        chat.send("u1", "g1", "c7");
        seen.assertUnread("u2", 1, 6);
    }

    @Test
    void a_red_dot_changes_nothing_of_what_is_unread() {
        chat.group("g1", "u1", "u2");
        chat.send(Chat.message("u1", "g1", 2, "c1").put("header", JsonObject.of("red_dot", 0)));
        chat.send(Chat.message("u1", "g1", 2, "c2").put("header", JsonObject.of("red_dot", 1)));

        seen.assertUnread("u2", 2, 0);
    }

    @Test
    void the_read_position_only_moves_forward() {
        chat.group("g1", "u1", "u2");
        chat.sendMany("u1", "g1", 10);

        seen.setUnread("u2", 4);
        seen.assertUnread("u2", 4, 6);
        seen.setUnread("u2", 7);
        seen.assertUnread("u2", 4, 6);
        seen.setUnread("u2", 1);
        seen.assertUnread("u2", 1, 9);
        seen.setUnread("u2", 0);
        seen.assertUnread("u2", 0, 10);
    }

    @Test
    void more_unread_than_there_is_leaves_the_position_where_it_was() {
        chat.group("g1", "u1", "u2");
        seen.setUnread("u2", 5);
        chat.sendMany("u1", "g1", 2);

        seen.assertUnread("u2", 2, 0);
        seen.setUnread("u2", 5);
        seen.assertUnread("u2", 2, 0);
    }

    @Test
    void what_is_over_is_not_counted_among_those_to_leave() {
        chat.group("g1", "u1", "u2");
        chat.sendMany("u1", "g1", 4);
        server.sql.run("update message set expires_at = now() - interval '1 second' where seq > 2");

        seen.setUnread("u2", 1);
        seen.assertUnread("u2", 1, 1);
        seen.clearUnread("u2");
        chat.send("u1", "g1", "c5");
        seen.assertUnread("u2", 1, 4);
    }

    @Test
    void a_deleted_conversation_is_shown_again_with_what_comes_later() {
        chat.group("g1", "u1", "u2");
        chat.sendMany("u1", "g1", 3);

        chat.ok("/conversations/delete", Conversed.own("u2"));
        assertThat(seen.sync("u2", 9)).isEmpty();
        assertThat(seen.sync("u1", 9)).hasSize(1);

        chat.send("u1", "g1", "later");
        JsonObject conversation = seen.sync("u2", 9).getJsonObject(0);
        assertThat(Chat.seqs(conversation.getJsonArray("recents"))).containsExactly(4L);
        assertThat(conversation.getInteger("unread")).isEqualTo(1);
        JsonObject listed = seen.byChannels("u2", "g1", 2).getJsonObject(0);
        assertThat(Chat.seqs(listed.getJsonArray("recents"))).containsExactly(4L);
    }

    @Test
    void who_joins_later_has_nothing_to_catch_up_with() {
        chat.group("g1", "u1");
        chat.sendMany("u1", "g1", 3);
        chat.ok("/channel/subscriber_add", Conversed.members("g1", "u2"));
        seen.assertUnread("u2", 0, 3);

        chat.send("u1", "g1", "c4");
        seen.assertUnread("u2", 1, 3);
        chat.ok("/channel/subscriber_add", Conversed.members("g1", "u2"));
        seen.assertUnread("u2", 0, 4);
    }

    @Test
    void who_left_has_no_conversation_and_begins_anew_when_back() {
        chat.group("g1", "u1", "u2");
        chat.sendMany("u1", "g1", 3);
        chat.ok("/channel/subscriber_remove", Conversed.members("g1", "u2"));
        assertThat(seen.sync("u2", 9)).isEmpty();
        assertThat(seen.channels("u2")).isEmpty();

        chat.ok("/channel/subscriber_add", Conversed.members("g1", "u2"));
        seen.assertUnread("u2", 0, 3);
    }

    @Test
    void who_is_on_the_blacklist_of_a_group_has_no_conversation_of_it() {
        chat.group("g1", "u1", "u2");
        chat.send("u1", "g1", "c1");
        chat.ok("/channel/blacklist_add", Conversed.uids("u2"));
        chat.send("u1", "g1", "c2");
        assertThat(seen.sync("u2", 9)).isEmpty();

        chat.ok("/channel/blacklist_remove", Conversed.uids("u2"));
        JsonObject conversation = seen.sync("u2", 9).getJsonObject(0);
        assertThat(Chat.seqs(conversation.getJsonArray("recents"))).containsExactly(2L);
        assertThat(conversation.getInteger("unread")).isEqualTo(1);
    }

    @Test
    void a_client_with_a_version_gets_of_other_conversations_what_lies_behind_the_read_position() {
        chat.group("g1", "u1", "u2");
        chat.group("g2", "u1", "u2");
        chat.group("g3", "u1", "u2");
        chat.sendMany("u1", "g1", 3);
        chat.send("u1", "g2", "c1");
        chat.send("u2", "g3", "own");
        chat.ok("/conversations/setUnread", Conversed.own("u2").put("unread", 1));
        chat.ok(
                "/conversations/clearUnread",
                Conversed.own("u2").put("channel_id", "g2").put("unread", -1));

        JsonArray lacking = seen.sync("u2", JsonObject.of("msg_count", 9, "version", 1));

        // What another device of the user has sent is new to this one.
        assertThat(Conversed.ids(lacking)).containsExactly("g3", "g1");
        assertThat(Conversed.recents(lacking, 1)).containsExactly(3L);
    }

    @Test
    void what_is_over_is_no_part_of_a_conversation() {
        chat.group("g1", "u1", "u2");
        chat.sendMany("u1", "g1", 2);
        server.sql.run("update message set expires_at = now() where seq = 2");

        JsonObject conversation = seen.sync("u2", 9).getJsonObject(0);
        assertThat(conversation.getInteger("last_msg_seq")).isEqualTo(1);
        assertThat(conversation.getInteger("unread")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"clearUnread", "setUnread", "delete"})
    void of_a_channel_that_the_user_is_not_in_there_is_nothing_to_say(String change) {
        chat.group("g1", "u1", "u2");
        chat.send("u1", "g1", "c1");

        chat.ok("/conversations/" + change, Conversed.own("u3"));
        chat.ok("/conversations/" + change, Conversed.own("u2").put("channel_id", "g9"));
        chat.ok(
                "/conversations/" + change,
                Conversed.own("u3").put("channel_id", "u1@u2").put("channel_type", 1));

        seen.assertUnread("u2", 1, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"u1", "u1@u2", "u2@u1"})
    void a_person_channel_is_known_by_every_spelling(String spelling) {
        chat.sendTo("u1", "u2", "p1");

        chat.ok(
                "/conversations/clearUnread",
                Conversed.own("u2").put("channel_id", spelling).put("channel_type", 1));
        assertThat(seen.sync("u2", 1).getJsonObject(0).getInteger("unread")).isZero();
        chat.ok(
                "/conversations/delete",
                Conversed.own("u2").put("channel_id", spelling).put("channel_type", 1));
        assertThat(seen.sync("u2", 1)).isEmpty();
    }
}
