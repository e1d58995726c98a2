package dev.herald.bus.message;

/** All that verticles say to each other: immutable, and checked where it is made. */
public sealed interface BusMessage
        permits Done, InboxMessage, MessagingMessage, OpsMessage, PresenceMessage, SocketMessage, WebhookMessage {}
