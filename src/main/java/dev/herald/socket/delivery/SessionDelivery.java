package dev.herald.socket.delivery;

import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.lifecycle.SteadyClock;
import dev.herald.model.Command;
import dev.herald.wire.Frame.Recv;

/** What one session is brought: the commands of its user's inbox, and messages as they come. */
public final class SessionDelivery {
    private final Deliveries shared;
    private final SessionInfo session;
    private final Client client;
    private final CommandFeed commands;
    private final Redelivery messages;

    SessionDelivery(Deliveries shared, SessionInfo session, Client client) {
        this.shared = shared;
        this.session = session;
        this.client = client;
        this.commands = new CommandFeed(
                new SessionInbox(shared, session, client),
                shared.config.commands().window(),
                shared.config.commands().redeliveryAfter(),
                SteadyClock::millis);
        this.messages = new Redelivery(
                shared.config.messages().redeliveryAfter(), shared.messagesRedelivered, shared.messagesGivenUp);
    }

    /** Begins the replay, and looks for commands that the session was not woken for. */
    public void sweep() {
        commands.sweep();
    }

    /** @param seq where the command stands in the user's inbox */
    public void wake(Command command, long seq) {
        commands.wake(command, seq);
    }

    /** The client has room again. */
    public void proceed() {
        commands.proceed();
    }

    public void push(Recv recv) {
        client.write(recv);
        messages.sent(recv, SteadyClock.millis());
    }

    /** Takes a RECVACK: of a message, of a command, or of what was not stored. */
    public void acknowledge(long messageId) {
        if (messages.acknowledge(messageId)) {
            shared.trail.acknowledgedMessage(messageId, session.uid(), session.deviceFlag());
        } else if (commands.acknowledge(messageId)) {
            shared.commandsAcknowledged.increment();
            shared.trail.acknowledged(messageId, session.uid(), session.deviceFlag());
        }
    }

    /** Sends again what has waited too long for its acknowledgement, to a client that takes what it is sent. */
    public void redeliver() {
        commands.redeliver();
        messages.repeat(SteadyClock.millis(), client::hasRoom, client::write);
    }

    public void close() {
        commands.close();
    }
}
