package dev.herald.messaging.commit;

import dev.herald.bus.message.SocketMessage;
import dev.herald.messaging.judge.Pending;
import dev.herald.model.ChannelKey;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * What has to wait while somebody else holds the rows of some channels: the messages to these, and all of the sessions that
 * write to these, so that both keep their order.
 */
record Stopped(Set<ChannelKey> channels, Set<Long> sessions) {

    static Stopped by(Set<ChannelKey> busy, Collection<Pending> messages) {
        Stopped stopped = new Stopped(busy, new HashSet<>());
        messages.stream().filter(each -> busy.contains(each.stored())).forEach(stopped::stopSession);
        return stopped;
    }

    void stopSession(Pending message) {
        long session = message.message().fromSession();
        if (session != SocketMessage.NO_SESSION) {
            sessions.add(session);
        }
    }

    boolean holds(Pending message) {
        return channels.contains(message.stored())
                || sessions.contains(message.message().fromSession());
    }
}
