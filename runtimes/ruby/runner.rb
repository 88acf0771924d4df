# frozen_string_literal: true

module KilnRuntime
  # Loads the function and gives it one event after the other.
  class Runner
    API = '/2018-06-01/runtime'
    NEXT = "#{API}/invocation/next"
    # Exit statuses of AWS's runtime.
    EXIT_CRITICAL = -1
    EXIT_INIT = -4

    # handler: as `_HANDLER` has it
    def initialize(client, handler)
      @client = client
      @name = handler
    end

    # Gives the exit status once nothing more can be done.
    def run(root)
      begin
        Dir.chdir(root)
        $LOAD_PATH.unshift(root) unless $LOAD_PATH.include?(root)
        handler = LambdaHandler.new(@name)
      rescue Exception => e # user code may raise or exit as it pleases
        report("Init error when loading handler #{@name}", e, 'Init')
        @client.post("#{API}/init/error", Errors.fields(e, 'Init'), JSON.generate(Errors.describe(e, 'Init')))
        return EXIT_INIT
      end
      loop_over(handler)
    end

    private

    def loop_over(handler)
      request = @client.get(NEXT)
      loop do
        raise "The Runtime API answered #{request.status} to a request for the next event." unless request.status == 200

        path, fields, body, critical = answer(handler, request)
        if critical
          @client.post(path, fields, body)
          return EXIT_CRITICAL
        end
        request = @client.post_then_get(path, fields, body, NEXT)
      end
    end

    # Path, header lines and body of what is to be sent, and whether it is the last.
    def answer(handler, request)
      id = request['Lambda-Runtime-Aws-Request-Id']
      path = "#{API}/invocation/#{id}"
      # AWS's name; formatters of functions read it.
      $_global_aws_request_id = id
      trace = request['Lambda-Runtime-Trace-Id']
      ENV['_X_AMZN_TRACE_ID'] = trace unless trace.nil?
      body, type = call(handler, request)
      ["#{path}/response", "content-type: #{type}\r\n", body]
    rescue NameError, SystemExit, NoMemoryError, ScriptError, SecurityError, SignalException, SystemStackError => e
      failed(path, 'Critical exception from handler', e, true)
    rescue StandardError => e
      failed(path, 'Error raised from handler method', e, false)
    rescue Exception => e # an Exception of the function's own
      failed(path, 'Critical exception from handler', e, true)
    end

    def call(handler, request)
      event = AwsLambda::Marshaller.marshall_request(request)
      response, type = handler.call_handler(event, LambdaContext.new(request))
      response = response.read if type == 'application/unknown'
      [response, type || 'application/json']
    end

    def failed(path, title, error, critical)
      report(title, error, 'Function')
      ["#{path}/error", Errors.fields(error, 'Function'), JSON.generate(Errors.describe(error, 'Function')), critical]
    end

    def report(title, error, phase)
      Log.write(title)
      Log.write(JSON.pretty_generate(Errors.describe(error, phase)))
    end
  end
end
