package dev.herald.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.model.ChannelKey;
import dev.herald.model.Reason;
import dev.herald.model.Uid;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PermissionTest {
    private static final ChannelRow OPEN = new ChannelRow(1, 1, false, false);
    private static final ChannelRow BANNED = new ChannelRow(1, 1, true, false);
    private static final ChannelRow DISBANDED = new ChannelRow(1, 1, false, true);
    private static final ChannelRow BANNED_AND_DISBANDED = new ChannelRow(1, 1, true, true);
    private static final Roster GROUP = new Roster(Set.of("u1"), Set.of(), Set.of());
    private static final Permission PERMISSION = new Permission(false);

    @Test
    void a_member_may_send_to_an_open_group() {
        assertThat(decide("u1", false, OPEN, GROUP)).isEqualTo(Reason.SUCCESS);
    }

    @Test
    void a_stranger_may_not_send_to_a_group() {
        assertThat(decide("u2", false, OPEN, GROUP)).isEqualTo(Reason.NOT_MEMBER);
    }

    @Test
    void nobody_may_send_to_a_group_that_is_not_there() {
        assertThat(PERMISSION.decide(Messages.group("u1", "g", "c"), null, GROUP))
                .isEqualTo(Reason.NOT_MEMBER);
    }

    @Test
    void a_ban_stops_members_but_not_the_back_end() {
        assertThat(decide("u1", false, BANNED, GROUP)).isEqualTo(Reason.BAN);
        assertThat(decide("u1", true, BANNED, GROUP)).isEqualTo(Reason.SUCCESS);
    }

    @Test
    void a_disbanded_group_takes_nothing_from_anybody() {
        assertThat(decide("u1", false, DISBANDED, GROUP)).isEqualTo(Reason.DISBAND);
        assertThat(decide("u1", true, DISBANDED, GROUP)).isEqualTo(Reason.DISBAND);
    }

    @Test
    void a_ban_is_told_before_the_end_of_the_group_and_that_before_the_lists() {
        Roster all = new Roster(Set.of(), Set.of("u1"), Set.of("u9"));

        assertThat(decide("u1", false, BANNED_AND_DISBANDED, all)).isEqualTo(Reason.BAN);
        assertThat(decide("u1", true, BANNED_AND_DISBANDED, all)).isEqualTo(Reason.DISBAND);
        assertThat(decide("u1", false, DISBANDED, all)).isEqualTo(Reason.DISBAND);
    }

    @Test
    void the_blacklist_is_told_before_the_membership_and_that_before_the_whitelist() {
        assertThat(decide("u1", false, OPEN, new Roster(Set.of(), Set.of("u1"), Set.of("u9"))))
                .isEqualTo(Reason.IN_BLACKLIST);
        assertThat(decide("u1", false, OPEN, new Roster(Set.of(), Set.of(), Set.of("u9"))))
                .isEqualTo(Reason.NOT_MEMBER);
        assertThat(decide("u1", false, OPEN, new Roster(Set.of("u1"), Set.of(), Set.of("u9"))))
                .isEqualTo(Reason.NOT_IN_WHITELIST);
    }

    @Test
    void being_listed_on_both_lists_is_being_stopped() {
        assertThat(decide("u1", false, OPEN, new Roster(Set.of("u1"), Set.of("u1"), Set.of("u1"))))
                .isEqualTo(Reason.IN_BLACKLIST);
    }

    @Test
    void the_whitelist_lets_through_those_on_it_if_they_are_members() {
        assertThat(decide("u1", false, OPEN, new Roster(Set.of("u1"), Set.of(), Set.of("u1"))))
                .isEqualTo(Reason.SUCCESS);
        assertThat(decide("u1", false, OPEN, new Roster(Set.of(), Set.of(), Set.of("u1"))))
                .isEqualTo(Reason.NOT_MEMBER);
    }

    @Test
    void the_lists_do_not_stop_the_back_end() {
        assertThat(decide("u1", true, OPEN, new Roster(Set.of(), Set.of("u1"), Set.of("u9"))))
                .isEqualTo(Reason.SUCCESS);
    }

    @Test
    void a_person_needs_no_membership() {
        assertThat(toPerson(PERMISSION, "u8", Roster.EMPTY)).isEqualTo(Reason.SUCCESS);
    }

    @Test
    void a_person_stops_those_on_its_blacklist() {
        assertThat(toPerson(PERMISSION, "u8", new Roster(Set.of(), Set.of("u7"), Set.of("u7"))))
                .isEqualTo(Reason.IN_BLACKLIST);
    }

    @Test
    void a_persons_whitelist_is_asked_only_if_it_is_switched_on() {
        Roster friends = new Roster(Set.of(), Set.of(), Set.of("u9"));
        Permission strict = new Permission(true);

        assertThat(toPerson(PERMISSION, "u8", friends)).isEqualTo(Reason.SUCCESS);
        assertThat(toPerson(strict, "u8", friends)).isEqualTo(Reason.NOT_IN_WHITELIST);
        assertThat(toPerson(strict, "u8", Roster.EMPTY)).isEqualTo(Reason.NOT_IN_WHITELIST);
        assertThat(toPerson(strict, "u8", new Roster(Set.of(), Set.of(), Set.of("u7"))))
                .isEqualTo(Reason.SUCCESS);
        assertThat(toPerson(strict, "u8", new Roster(Set.of(), Set.of("u7"), Set.of("u7"))))
                .isEqualTo(Reason.IN_BLACKLIST);
    }

    @Test
    void the_system_account_takes_messages_from_everybody() {
        assertThat(toPerson(new Permission(true), Uid.SYSTEM, new Roster(Set.of(), Set.of("u7"), Set.of())))
                .isEqualTo(Reason.SUCCESS);
    }

    private static Reason decide(String from, boolean trusted, ChannelRow row, Roster roster) {
        SendMessage message = Messages.of(from, trusted, ChannelKey.group("g"), "c");
        return PERMISSION.decide(message, row, roster);
    }

    private static Reason toPerson(Permission permission, String receiver, Roster roster) {
        return permission.decide(Messages.person("u7", receiver, "c"), OPEN, roster);
    }
}
