package dev.herald.channel;

import static dev.herald.it.Sql.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.herald.channel.MemberEdit.Add;
import dev.herald.channel.MemberEdit.Remove;
import dev.herald.channel.MemberEdit.Replace;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.it.ChannelEdits;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.model.ChannelKey;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import io.vertx.pgclient.PgException;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@Timeout(60)
class ChannelsIT {
    private static final ChannelKey G1 = ChannelKey.group("g1");
    private static final UnaryOperator<ChannelInfo> BAN =
            info -> info.with(new ChannelFlags(true, false, false, false, false));

    private static String url;

    private Channels channels;
    private Sql sql;

    @BeforeAll
    static void migrate() {
        url = Stores.freshPostgres();
    }

    @BeforeEach
    void open(Vertx vertx) {
        PgClients pg = PgClients.open(vertx, url, 8);
        channels = new Channels(pg, true);
        sql = new Sql(pg.statements());
        sql.run("truncate channel, member, listed, cmd");
        sql.run("drop function if exists refuse cascade");
    }

    @Test
    void a_new_group_with_members_is_one_revision_and_one_command() {
        Changed made = change(ChannelEdit.upsert(BAN, new Add(List.of("u2", "u1", "u2"))));

        assertThat(made).isEqualTo(new Changed(1, true, made.commands()));
        assertThat(made.commands()).hasSize(1);
        assertThat(intervals()).containsExactly("u1 1 null", "u2 1 null");
        assertThat(commands()).containsExactly("memberUpdate 1");
        assertThat(await(channels.find(G1)).orElseThrow().info().flags().ban()).isTrue();
    }

    @Test
    void a_new_group_without_members_tells_nobody() {
        assertThat(change(ChannelEdit.upsert(BAN, MemberEdit.KEEP))).isEqualTo(new Changed(1, true));

        assertThat(commands()).isEmpty();
    }

    @Test
    void an_edit_that_changes_nothing_keeps_the_revision_and_writes_no_command() {
        change(ChannelEdit.upsert(BAN, new Add(List.of("u1"))));

        Changed again = change(ChannelEdit.upsert(BAN, new Add(List.of("u1"))));
        Changed stranger = change(ChannelEdit.update(UnaryOperator.identity(), new Remove(List.of("u9"))));

        assertThat(List.of(again, stranger)).containsOnly(new Changed(1, false));
        assertThat(commands()).hasSize(1);
    }

    @Test
    void a_change_of_flags_and_members_is_one_revision_and_two_commands() {
        change(ChannelEdit.upsert(UnaryOperator.identity(), new Add(List.of("u1"))));

        change(ChannelEdit.upsert(BAN, new Add(List.of("u2"))));

        assertThat(commands()).containsExactly("memberUpdate 1", "channelUpdate 2", "memberUpdate 2");
    }

    @Test
    void a_member_that_stays_through_a_replacement_keeps_its_interval() {
        change(ChannelEdit.upsert(UnaryOperator.identity(), new Add(List.of("leaves", "stays"))));

        change(ChannelEdit.upsert(UnaryOperator.identity(), new Replace(List.of("stays", "comes"))));

        assertThat(intervals()).containsExactly("comes 2 null", "leaves 1 2", "stays 1 null");
    }

    @Test
    void membership_at_a_revision_is_told_by_the_intervals_and_leavers_by_their_end() {
        change(ChannelEdit.upsert(UnaryOperator.identity(), new Add(List.of("u1", "u2"))));
        change(ChannelEdit.update(UnaryOperator.identity(), new Remove(List.of("u2"))));
        change(ChannelEdit.upsert(UnaryOperator.identity(), new Add(List.of("u2", "u3"))));
        change(ChannelEdit.update(UnaryOperator.identity(), new Replace(List.of())));

        assertThat(LongStream.rangeClosed(1, 4).mapToObj(this::addressees))
                .containsExactly(
                        List.of("u1", "u2"), List.of("u1", "u2"), List.of("u1", "u2", "u3"), List.of("u1", "u2", "u3"));
        assertThat(sql.rows("select uid from member where since <= 2 and (until is null or until > 2)"))
                .containsExactly("u1");
    }

    @Test
    void info_of_a_user_is_told_to_that_user() {
        ChannelKey user = new ChannelKey("u1", ChannelKey.PERSON);

        await(ChannelEdits.make(channels, user, ChannelEdit.upsert(BAN, MemberEdit.KEEP)));

        assertThat(
                        sql.rows(
                                "select channel_id, channel_type, from_uid, channel, array_to_string(uids, ','), convert_from(payload, 'UTF8') from cmd"))
                .containsExactly(
                        "u1 1 ____system null u1 "
                                + "{\"type\":99,\"cmd\":\"channelUpdate\",\"param\":{\"channel_id\":\"u1\",\"channel_type\":1,\"revision\":1}}");
    }

    @Test
    void a_command_to_members_names_the_group_as_clients_expect() {
        change(ChannelEdit.upsert(UnaryOperator.identity(), new Add(List.of("u1"))));

        assertThat(
                        sql.rows(
                                "select with_leavers, revision, uids, length(client_msg_no), convert_from(payload, 'UTF8') from cmd"))
                .containsExactly(
                        "true 1 null 32 {\"type\":99,\"cmd\":\"memberUpdate\",\"param\":{\"group_no\":\"g1\",\"channel_id\":\"g1\",\"channel_type\":2,\"revision\":1}}");
    }

    @Test
    void an_update_of_a_channel_that_is_not_there_makes_none() {
        assertThat(await(ChannelEdits.make(channels, G1, ChannelEdit.update(BAN, MemberEdit.KEEP))))
                .isEmpty();
        assertThat(await(channels.find(G1))).isEmpty();
    }

    @Test
    void refuses_an_edit_of_another_revision_than_expected() {
        change(ChannelEdit.upsert(BAN, MemberEdit.KEEP));

        assertThatThrownBy(() -> change(ChannelEdit.update(info -> info.with(ChannelFlags.NONE), new Add(List.of("u1")))
                        .onlyIf(revision -> revision == 7)))
                .isInstanceOfSatisfying(
                        HeraldException.class, e -> assertThat(e.failure()).isEqualTo(Failure.PRECONDITION));
        assertThat(intervals()).isEmpty();
        assertThat(await(channels.find(G1)).orElseThrow().revision()).isEqualTo(1);
    }

    @Test
    void a_command_that_cannot_be_written_takes_the_change_back() {
        change(ChannelEdit.upsert(UnaryOperator.identity(), new Add(List.of("u1"))));
        refuse("insert on cmd");

        assertThatThrownBy(() -> change(ChannelEdit.upsert(BAN, new Replace(List.of("u2")))))
                .isInstanceOf(PgException.class);

        Channel after = await(channels.find(G1)).orElseThrow();
        assertThat(after.revision()).isEqualTo(1);
        assertThat(after.info()).isEqualTo(ChannelInfo.NEW);
        assertThat(intervals()).containsExactly("u1 1 null");
    }

    @Test
    void a_command_that_cannot_be_written_takes_the_change_of_a_list_back() {
        change(ChannelEdit.of(blacklist(new Add(List.of("u1")))));
        refuse("insert on cmd");

        assertThatThrownBy(() -> change(ChannelEdit.of(blacklist(new Replace(List.of("u2"))))))
                .isInstanceOf(PgException.class);

        assertThat(await(channels.find(G1)).orElseThrow().revision()).isEqualTo(1);
        assertThat(sql.rows("select uid from listed")).containsExactly("u1");
    }

    @Test
    void a_list_that_cannot_be_written_leaves_no_command() {
        change(ChannelEdit.upsert(UnaryOperator.identity(), new Add(List.of("u1"))));
        refuse("insert on listed");

        assertThatThrownBy(() -> change(ChannelEdit.of(blacklist(new Add(List.of("u2"))))))
                .isInstanceOf(PgException.class);

        assertThat(await(channels.find(G1)).orElseThrow().revision()).isEqualTo(1);
        assertThat(commands()).containsExactly("memberUpdate 1");
    }

    @Test
    void parallel_changes_of_one_list_lose_no_entry_and_no_revision() {
        List<Future<Changed>> all = IntStream.range(0, 30)
                .mapToObj(n -> ChannelEdits.make(
                                channels, G1, ChannelEdit.of(blacklist(new Add(List.of("u" + n, "shared")))))
                        .map(changed -> changed.orElseThrow()))
                .toList();

        await(Future.join(all));

        assertThat(all.stream().map(changed -> changed.result().revision()).distinct())
                .hasSize(30);
        assertThat(sql.value("select count(*) from listed")).isEqualTo("31");
    }

    @Test
    void a_channel_whose_commands_are_off_changes_in_silence_until_they_are_on() {
        change(ChannelEdit.upsert(UnaryOperator.identity(), new Add(List.of("u1"))));
        change(ChannelEdit.update(info -> info.withCommands(false), MemberEdit.KEEP));
        change(ChannelEdit.update(BAN, new Add(List.of("u2"))));
        change(ChannelEdit.of(blacklist(new Add(List.of("u2")))));
        assertThat(commands()).containsExactly("memberUpdate 1");

        Changed on = change(ChannelEdit.update(info -> info.withCommands(true), MemberEdit.KEEP));

        assertThat(on).isEqualTo(new Changed(5, true, on.commands()));
        assertThat(commands()).containsExactly("memberUpdate 1", "channelUpdate 5");
    }

    @Test
    void with_commands_off_for_all_channels_a_change_only_raises_the_revision(Vertx vertx) {
        Channels silent = new Channels(PgClients.open(vertx, url, 2), false);

        Changed made = await(ChannelEdits.make(silent, G1, ChannelEdit.upsert(BAN, new Add(List.of("u1")))))
                .orElseThrow();

        assertThat(made).isEqualTo(new Changed(1, true));
        assertThat(commands()).isEmpty();
    }

    @Test
    void commands_of_changes_make_earlier_ones_of_their_kind_and_channel_needless() {
        change(ChannelEdit.upsert(UnaryOperator.identity(), new Add(List.of("u1"))));
        change(ChannelEdit.update(BAN, MemberEdit.KEEP));

        assertThat(sql.rows("select coalesce_key from cmd order by id"))
                .containsExactly("memberUpdate:2:g1", "channelUpdate:2:g1");
    }

    @Test
    void a_change_that_cannot_be_written_leaves_no_command() {
        change(ChannelEdit.upsert(UnaryOperator.identity(), new Add(List.of("u1"))));
        refuse("update on channel");

        assertThatThrownBy(() -> change(ChannelEdit.upsert(BAN, new Add(List.of("u2")))))
                .isInstanceOf(PgException.class);

        assertThat(commands()).containsExactly("memberUpdate 1");
        assertThat(intervals()).containsExactly("u1 1 null");
    }

    @Test
    void parallel_changes_of_one_new_channel_lose_no_member_and_no_revision() {
        int calls = 50;
        List<Future<Changed>> all = IntStream.range(0, calls)
                .mapToObj(n -> ChannelEdits.make(
                                channels,
                                G1,
                                ChannelEdit.upsert(UnaryOperator.identity(), new Add(List.of("u" + n, "shared"))))
                        .map(changed -> changed.orElseThrow()))
                .toList();

        await(Future.join(all));

        assertThat(all.stream().map(changed -> changed.result().revision()))
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, calls).boxed().toList());
        assertThat(sql.value("select count(*), count(distinct uid) from member where until is null"))
                .isEqualTo("51 51");
        assertThat(sql.value("select count(distinct revision), min(revision), max(revision) from cmd"))
                .isEqualTo("50 1 50");
        assertThat(sql.value("select count(*) from cmd a join cmd b on a.id < b.id and a.revision > b.revision"))
                .isEqualTo("0");
    }

    @Test
    void pages_through_the_members_of_now() {
        change(ChannelEdit.upsert(UnaryOperator.identity(), new Add(List.of("a", "b", "c", "gone"))));
        change(ChannelEdit.update(UnaryOperator.identity(), new Remove(List.of("gone"))));
        long pk = await(channels.find(G1)).orElseThrow().pk();

        assertThat(await(channels.members(pk, "", 2))).containsExactly("a", "b");
        assertThat(await(channels.members(pk, "b", 2))).containsExactly("c");
    }

    @Test
    void takes_a_hundred_thousand_members_at_once() {
        List<String> uids =
                IntStream.range(0, 100_000).mapToObj(n -> "member" + n).toList();

        change(ChannelEdit.upsert(UnaryOperator.identity(), new Add(uids)));
        change(ChannelEdit.upsert(UnaryOperator.identity(), new Replace(uids.subList(0, 50_000))));

        assertThat(sql.value("select count(*) filter (where until is null), count(*) from member"))
                .isEqualTo("50000 100000");
    }

    @Test
    void attributes_come_back_as_they_were_given() {
        JsonObject attributes = new JsonObject("{\"name\":\"Grüße\",\"n\":[1,2.5,null,{\"a\":true}]}");

        change(ChannelEdit.upsert(info -> info.with(attributes), MemberEdit.KEEP));

        assertThat(await(channels.find(G1)).orElseThrow().info().attributes()).isEqualTo(attributes);
    }

    private Changed change(ChannelEdit edit) {
        return await(ChannelEdits.make(channels, G1, edit)).orElseThrow();
    }

    private static ListEdit blacklist(MemberEdit uids) {
        return new ListEdit(AccessList.BLACKLIST, uids);
    }

    private List<String> addressees(long revision) {
        return sql.rows(
                "select uid from member where since <= $1 and (until is null or until > $1 or (until = $1 and since < $1)) order by uid",
                revision);
    }

    private List<String> intervals() {
        return sql.rows("select uid, since, until from member order by uid, since");
    }

    private List<String> commands() {
        return sql.rows("select convert_from(payload, 'UTF8')::jsonb->>'cmd', revision from cmd order by id");
    }

    private void refuse(String event) {
        sql.run("create function refuse() returns trigger language plpgsql as "
                + "$$ begin raise exception 'refused by the test'; end $$");
        sql.run("create trigger refuse before " + event + " for each row execute function refuse()");
    }
}
