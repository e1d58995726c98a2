package dev.herald.api.message;

import dev.herald.api.http.Routes;
import dev.herald.bus.Bus;
import dev.herald.messagelog.LogChannels;
import dev.herald.messagelog.MessageLog;
import dev.herald.postgres.PgClients;
import dev.herald.stream.StreamLog;
import dev.herald.stream.StreamMessages;

/** Stored messages, and what is added to them. */
public final class MessageApi {
    private MessageApi() {}

    public static void mount(Routes routes, MessageForms forms, Bus bus, PgClients pg) {
        LogChannels channels = new LogChannels(pg);
        MessageLog log = new MessageLog(pg);
        new HistoryRoutes(channels, log, forms).mount(routes);
        new LookupRoutes(channels, log, forms).mount(routes);
        new StreamRoutes(new StreamMessages(pg), new StreamLog(pg), new EventTelling(bus)).mount(routes);
    }
}
