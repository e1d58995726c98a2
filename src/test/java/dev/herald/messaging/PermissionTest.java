package dev.herald.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.model.ChannelKey;
import dev.herald.model.Reason;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PermissionTest {
    private static final ChannelRow OPEN = new ChannelRow(1, 1, false, false);
    private static final ChannelRow BANNED = new ChannelRow(1, 1, true, false);
    private static final ChannelRow DISBANDED = new ChannelRow(1, 1, true, true);
    private static final Set<String> MEMBERS = Set.of("u1");

    @Test
    void a_member_may_send_to_an_open_group() {
        assertThat(decide("u1", false, OPEN)).isEqualTo(Reason.SUCCESS);
    }

    @Test
    void a_stranger_may_not_send_to_a_group() {
        assertThat(decide("u2", false, OPEN)).isEqualTo(Reason.NOT_MEMBER);
    }

    @Test
    void nobody_may_send_to_a_group_that_is_not_there() {
        assertThat(Permission.decide(Messages.group("u1", "g", "c"), null, MEMBERS))
                .isEqualTo(Reason.NOT_MEMBER);
    }

    @Test
    void a_ban_stops_members_but_not_the_back_end() {
        assertThat(decide("u1", false, BANNED)).isEqualTo(Reason.BAN);
        assertThat(decide("u1", true, BANNED)).isEqualTo(Reason.SUCCESS);
    }

    @Test
    void a_disbanded_group_takes_nothing_from_anybody() {
        assertThat(decide("u1", false, DISBANDED)).isEqualTo(Reason.DISBAND);
        assertThat(decide("u1", true, DISBANDED)).isEqualTo(Reason.DISBAND);
    }

    @Test
    void a_person_needs_no_membership() {
        assertThat(Permission.decide(Messages.person("u7", "u8", "c"), OPEN, Set.of()))
                .isEqualTo(Reason.SUCCESS);
    }

    private static Reason decide(String from, boolean trusted, ChannelRow row) {
        return Permission.decide(Messages.of(from, trusted, ChannelKey.group("g"), "c"), row, MEMBERS);
    }
}
